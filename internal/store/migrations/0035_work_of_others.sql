-- Who leads sellers looks at everybody's open activities, by due time. (A seller's own come from activities_open_idx.)
create index activities_due_idx on activities (due_at, id) where state < 3;

-- Each claim of mail asks whether a recipient must not be followed. Few records say so: they have an index of their own.
create index records_unfollowed_idx on records (email) where email <> '' and fields like '%"do_not_track":"true"%';

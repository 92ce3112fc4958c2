-- How a calendar feed names its events: 0 as the first feeds did (the id of the activity at "cadenza"), which calendar programs know already; 1 by UUIDs.
alter table calendar_feeds add column uid_form smallint not null default 0;

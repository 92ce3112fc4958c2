-- What customers did with the emails of steps: the first time of each result. Conditions ask for it. result is one of the
-- codes in codes.go. An email is named by its enrollment and step, because a step mails once.

create table engagements (
  enrollment_id bigint not null,
  step text not null,
  result smallint not null,
  at bigint not null,
  primary key (enrollment_id, step, result)
);

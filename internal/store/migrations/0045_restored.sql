-- Enrollments that were under way in a backup when it was restored: nobody knows which of their messages went out after it was
-- made (docs/adr/0045). An enrollment leaves when a person says that a message of it was not sent.
create table enrollments_in_doubt (
  enrollment_id {{key}}
);

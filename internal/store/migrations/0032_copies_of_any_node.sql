-- Any node makes any copy: the bytes are built anew from the stored message, so the one that sent it has no advantage.
alter table sent_copies drop column node;

-- Version 2: where a push service is told that a message has come, as the mailbox's owner gave it. It goes with the mailbox.

ALTER TABLE mailboxes ADD COLUMN push TEXT;

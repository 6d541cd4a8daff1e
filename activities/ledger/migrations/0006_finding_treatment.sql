-- What is done about a finding and why, as it was decided when it was taken in: {kind, reason}.
ALTER TABLE findings ADD COLUMN treatment text;

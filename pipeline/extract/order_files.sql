-- The files in the order in which they are believed, with the trust in their sources.
INSERT INTO file_order
SELECT unnest($ids::BIGINT[]), unnest($sources::VARCHAR[]), unnest($trust::BIGINT[]), unnest(range(1, len($ids::BIGINT[]) + 1))

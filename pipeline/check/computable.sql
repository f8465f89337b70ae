-- Whether there are rows that measures are made of.
SELECT EXISTS (
    FROM staged JOIN files f USING (file_id)
    WHERE level = 6 AND month = 0 AND (partner = 0 OR f.all_partners)
)

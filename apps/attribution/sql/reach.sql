-- From persons to every key of theirs, every device they used, and every key of whoever else used those devices. A key
-- that was theirs at any time is looked up once more, for the newest row alone says whose it is: merging all of them
-- for that would cost every build the whole table.
WITH
    own AS MATERIALIZED (
        SELECT id AS key FROM {persons:Ids}
        UNION DISTINCT
        SELECT key FROM persons FINAL
        WHERE property_id = {property_id:UInt64} AND person_id IN {persons:Ids} AND key IN (
            SELECT key FROM persons WHERE property_id = {property_id:UInt64} AND person_id IN {persons:Ids}
        )
    ),
    used AS MATERIALIZED (
        SELECT key FROM own
        UNION DISTINCT
        SELECT anonymous_key FROM identity_links
        WHERE property_id = {property_id:UInt64} AND user_key IN (SELECT key FROM own)
    )
SELECT
    (SELECT groupUniqArray(key) FROM used),
    (SELECT groupUniqArray(user_key) FROM identity_links
     WHERE property_id = {property_id:UInt64} AND anonymous_key IN (SELECT key FROM used))

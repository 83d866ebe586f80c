-- From persons to every key of theirs, every device they used, and every key of whoever else used those devices.
WITH
    own AS MATERIALIZED (
        SELECT arrayJoin({persons:Array(UInt64)}) AS key
        UNION DISTINCT
        SELECT key FROM persons FINAL
        WHERE property_id = {property_id:UInt64} AND person_id IN {persons:Array(UInt64)}
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

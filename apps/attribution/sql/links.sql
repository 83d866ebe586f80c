-- Ids that came together in events stored since the watermark, each pair at its earliest time.
INSERT INTO identity_links (
    property_id, anonymous_key, user_key, user_id, previous_user_key, linked_at, version
)
SELECT
    {property_id:UInt64}, link.1 AS anonymous_key, person_key, user_id, link.2 AS previous_user_key,
    min(occurred_at) AS linked_at, 9000000000000000 - toUnixTimestamp64Milli(linked_at)
FROM events
ARRAY JOIN arrayFilter(link -> link.1 != 0, [
    (if(anonymous_id = '', 0, xxHash64(concat('a:', anonymous_id))), toUInt64(0)),
    if(kind = 'alias' AND previous_id != '',
        (xxHash64(concat('a:', previous_id)), xxHash64(concat('u:', previous_id))), (toUInt64(0), toUInt64(0)))
]) AS link
WHERE property_id = {property_id:UInt64} AND stored_at > {stored_from:DateTime64(3, 'UTC')} AND user_id != ''
GROUP BY link.1, link.2, person_key, user_id

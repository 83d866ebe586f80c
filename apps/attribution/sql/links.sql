-- Ids that came together in events stored since the watermark, each pair by its earliest event: of equal times the
-- smaller message id, whichever came first. What is known of a pair is compared once more, for two rows of one version
-- are told apart by their order of arrival alone.
INSERT INTO identity_links (
    property_id, anonymous_key, user_key, user_id, anonymous_id, message_id, previous_user_key, linked_at, version
)
WITH found AS MATERIALIZED (
    SELECT
        link.1 AS anonymous_key, xxHash64(concat('u:', user_id)) AS user_key, user_id, link.3 AS linked_id,
        message_id, link.2 AS previous_user_key, occurred_at AS linked_at
    FROM events
    ARRAY JOIN arrayFilter(link -> link.1 != 0, [
        (if(anonymous_id = '', 0, xxHash64(concat('a:', anonymous_id))), toUInt64(0), anonymous_id),
        if(kind = 'alias' AND previous_id != '',
            (xxHash64(concat('a:', previous_id)), xxHash64(concat('u:', previous_id)), previous_id),
            (toUInt64(0), toUInt64(0), ''))
    ]) AS link
    WHERE property_id = {property_id:UInt64} AND stored_at > {stored_from:DateTime64(3, 'UTC')} AND user_id != ''
)
SELECT
    {property_id:UInt64}, anonymous_key, user_key, any(user_id), any(linked_id),
    (min((linked_at, message_id)) AS earliest).2, previous_user_key, earliest.1,
    9000000000000000 - toUnixTimestamp64Milli(earliest.1)
FROM (
    SELECT * FROM found
    UNION ALL
    SELECT anonymous_key, user_key, user_id, anonymous_id, message_id, previous_user_key, linked_at
    FROM identity_links
    WHERE property_id = {property_id:UInt64} AND message_id != ''
        AND anonymous_key IN (SELECT anonymous_key FROM found)
)
WHERE (anonymous_key, user_key, previous_user_key) IN (
    SELECT anonymous_key, user_key, previous_user_key FROM found
)
GROUP BY anonymous_key, user_key, previous_user_key

-- Ids whose person is another id than `persons` says. An anonymous id belongs to the user of the earliest link, at
-- equal times to the smaller user id; a user belongs to the smallest of the users it is aliased with.
SELECT wanted.key AS key, wanted.person_id AS person_id, current.person_id AS before
FROM (
    SELECT anonymous_key AS key, <root_of_owner> AS person_id
    FROM (
        SELECT anonymous_key, argMin(user_key, (linked_at, user_id)) AS owner
        FROM identity_links
        WHERE property_id = {property_id:UInt64} AND <link_scope>
        GROUP BY anonymous_key
    )
    UNION ALL
    SELECT pair.1, pair.2
    FROM (SELECT arrayJoin(arrayZip({users:Array(UInt64)}, {roots:Array(UInt64)})) AS pair)
) AS wanted
LEFT JOIN (
    SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64}
) AS current ON wanted.key = current.key
WHERE wanted.person_id != current.person_id

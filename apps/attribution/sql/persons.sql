-- Ids whose person is another one than `persons` says. An anonymous id belongs to the user of the earliest link, at
-- equal times to the smaller user id, unless it came with too many; a user belongs to the smallest of the users it is
-- aliased with. Ids that are nobody's join nobody, and no link counts to whom an id must stay apart from.
WITH wanted AS <kept> (
    SELECT anonymous_key AS key, if(claims = 0 OR crowd > {most_users:UInt32}, anonymous_key, owner) AS person_id
    FROM (
        SELECT
            anonymous_key, argMinIf(root, (linked_at, user_id), NOT is_apart) AS owner,
            countIf(NOT is_apart) AS claims, uniqExact(root) AS crowd
        FROM (
            SELECT anonymous_key, user_id, linked_at, <root> AS root, <is_apart> AS is_apart
            FROM identity_links
            WHERE property_id = {property_id:UInt64} AND <known> AND <link_scope>
        )
        GROUP BY anonymous_key
    )
    UNION ALL
    SELECT pair.1, pair.2
    FROM (SELECT arrayJoin(arrayZip({users:Array(UInt64)}, {roots:Array(UInt64)})) AS pair)
    <forgotten>
)
SELECT wanted.key AS key, wanted.person_id AS person_id, current.person_id AS before
FROM wanted
LEFT JOIN (
    SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64} AND <current_scope>
) AS current ON wanted.key = current.key
WHERE wanted.person_id != if(current.person_id = 0, wanted.key, current.person_id)

-- How many people were watched in each group, how long before their first touchpoint, and how many touchpoints they had.
WITH <people>
SELECT
    group_no, count(),
    sum(toInt64(round((first_ms - {from_ms:Int64}) / 86400000 * 4294967296))), sum(touches)
FROM (
    SELECT any(group_no) AS group_no, min(first_ms) AS first_ms, max(touches) AS touches
    FROM (
        SELECT who, group_no, touched[1] AS first_ms, toUInt64(length(touched)) AS touches FROM people
        UNION ALL
        SELECT who, group_no, {to_ms:Int64}, toUInt64(0) FROM converted
    )
    GROUP BY who
)
GROUP BY group_no
ORDER BY group_no

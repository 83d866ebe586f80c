-- The engine's CoalitionCounts: converting and other paths of every set of channels, by group of people.
SELECT coalition, group_no, countIf(is_converted), countIf(NOT is_converted)
FROM (
    SELECT
        toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
        arraySort(arrayMap(channel -> indexOf({names:Array(String)}, channel), arrayDistinct(channels))) AS coalition,
        throwIf(has(coalition, 0), 'journeys changed while they were counted') AS is_changed,
        is_converted
    FROM (<paths>)
    WHERE is_changed = 0
)
GROUP BY coalition, group_no
ORDER BY coalition, group_no

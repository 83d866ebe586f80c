-- The engine's CoalitionCounts, of few channels: a set is a number with one bit for each of its channels.
SELECT mask, group_no, countIf(is_converted), countIf(NOT is_converted)
FROM (
    SELECT
        toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
        arrayReduce('groupBitOr', arrayMap(
            channel -> transform(channel, {names:Array(String)}, {bits:Array(UInt64)}, {unknown:UInt64}), channels
        )) AS mask,
        throwIf(mask >= {unknown:UInt64}, 'journeys changed while they were counted') AS is_changed,
        is_converted
    FROM (<paths>)
    WHERE is_changed = 0
)
GROUP BY mask, group_no

-- The engine's TransitionCounts: how often each k-gram of channels was followed by what, by group of people. A key
-- packs history and next: codes from 1 in the base of the number of channels + 1; 0 stands before the start.
SELECT key, group_no, count() AS times
FROM (
    SELECT
        toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
        arrayMap(channel -> transform(channel, {names:Array(String)}, {codes:Array(UInt64)}, toUInt64(0)), channels)
            AS codes,
        arrayConcat(arrayWithConstant({order:UInt8}, toUInt64(0)), codes) AS padded,
        -- What follows: a channel's code + 1, 1 for the conversion, 0 for none.
        arrayPushBack(arrayMap(code -> code + 1, codes), toUInt64(is_converted)) AS followers,
        throwIf(has(codes, 0), 'journeys changed while they were counted') AS is_changed,
        arrayMap((follower, <lags>) -> (<gram>) * {next_base:UInt64} + follower, followers, <shifted>) AS keys
    FROM (<paths>)
    WHERE is_changed = 0
)
ARRAY JOIN keys AS key
GROUP BY key, group_no

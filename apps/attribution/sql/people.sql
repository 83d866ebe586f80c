-- Who was watched in the window, and their counted conversions: common tables of the feature statements. Of large
-- properties a sample, drawn by person, so that it is the same people every time.
people AS (
    SELECT
        toString(person_id) AS who,
        toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
        arrayFilter(at -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touched_ms) AS touched,
        arrayMap(
            channel -> indexOf({names:Array(String)}, channel),
            arrayFilter((channel, at) -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touch_channels, touched_ms)
        ) AS codes
    FROM histories
    WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64} AND notEmpty(touched)
        AND cityHash64(who) % 10000 < {kept:UInt64}
),
converted AS (
    SELECT
        if(person_id = 0, conversion_id, toString(person_id)) AS who,
        toUInt16(CRC32(who) % {groups:UInt64}) AS group_no,
        conversion_id,
        toUnixTimestamp64Milli(converted_at) AS at
    FROM journeys FINAL
    WHERE <goal> AND converted_at >= {window_from:DateTime64(3, 'UTC')} AND converted_at < {window_to:DateTime64(3, 'UTC')}
        AND cityHash64(who) % 10000 < {kept:UInt64}
)

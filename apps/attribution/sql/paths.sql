-- The engine's paths_of(): one path for each counted conversion of the window, and one for everybody who was active in
-- it and did not convert, counted back from their last touchpoint.
SELECT who, channels, is_converted FROM (
    SELECT
        if(person_id = 0, conversion_id, toString(person_id)) AS who,
        <converted> AS channels,
        true AS is_converted
    FROM journeys FINAL
    WHERE <goal> AND converted_at >= {window_from:DateTime64(3, 'UTC')} AND converted_at < {window_to:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT toString(person_id), <others>, false
    FROM (
        SELECT *, arrayLast(at -> at < {to_ms:Int64}, touched_ms) AS last_ms
        FROM histories
        WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64}
    )
    WHERE last_ms >= {from_ms:Int64} AND person_id NOT IN (
        SELECT person_id FROM journeys FINAL
        WHERE <goal> AND converted_at < {window_to:DateTime64(3, 'UTC')}
            AND (converted_at >= {window_from:DateTime64(3, 'UTC')} OR {is_once:UInt8} = 1)
    )
)

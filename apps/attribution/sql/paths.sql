-- The engine's paths_of(): one path for each counted conversion of the window, and one for everybody who was active in
-- it and did not convert, counted back from their last touchpoint.
SELECT who, channels, is_converted FROM (
    SELECT
        if(person_id = 0, conversion_id, toString(person_id)) AS who,
        arrayFilter((channel, is_in) -> is_in, touch_channels, <inside>) AS channels,
        true AS is_converted
    FROM journeys FINAL
    WHERE <goal> AND converted_at >= {window_from:DateTime64(3, 'UTC')} AND converted_at < {window_to:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT toString(person_id), arrayFilter((channel, is_in) -> is_in, channels, <touched_inside>), false
    FROM (
        SELECT
            person_id,
            arrayCount(at -> at < {to_ms:Int64}, touched_ms) AS size,  -- they are in order of time
            arrayResize(touched_ms, size) AS touched,
            arrayResize(touch_kinds, size) AS kinds,
            arrayResize(touch_channels, size) AS channels,
            arrayResize(touch_sources, size) AS sources,
            arrayResize(touch_campaigns, size) AS campaigns,
            arrayResize(touch_ad_groups, size) AS ad_groups,
            touched[-1] AS last_ms
        FROM histories
        WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64}
    )
    WHERE last_ms >= {from_ms:Int64} AND person_id NOT IN (
        SELECT person_id FROM journeys FINAL
        WHERE <goal> AND converted_at < {window_to:DateTime64(3, 'UTC')}
            AND (converted_at >= {window_from:DateTime64(3, 'UTC')} OR {is_once:UInt8} = 1)
    )
)

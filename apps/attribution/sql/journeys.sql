-- One row for every conversion of the persons in reach, with the touchpoints before it: the engine's build_journeys()
-- as one pass over the events. Words in <angle brackets> are put in by journey_sql.py; every value is bound.
WITH
    <tables>,
    -- What may convert, once for each goal that it meets or whose milestone it reaches.
    marked AS (
        SELECT
            multiIf(events.person_key IN (0, <nobody>), 0, known.person_id != 0, known.person_id, events.person_key) AS person,
            arrayJoin(arrayFilter(mark -> mark.4 OR mark.5, [<marks>])) AS mark,
            mark.1 AS goal_id, mark.2 AS goal_version, mark.3 AS is_once, mark.4 AS is_met, mark.5 AS is_milestone,
            mark.6 AS is_refund, mark.7 AS worth,
            message_id, stream_id, occurred_at, received_at, has_source, currency, order_id, country, device
        FROM <events> LEFT JOIN known ON events.person_key = known.key
        WHERE property_id = {property_id:UInt64} AND (<candidates>) AND <key_scope>
    ),
    conversions AS (
        SELECT *, toUnixTimestamp64Milli(occurred_at) AS at_ms
        FROM (
            SELECT
                *,
                argMinIf(message_id, (occurred_at, NOT has_source, received_at, message_id), is_met AND NOT is_refund)
                    OVER (PARTITION BY goal_id, person) AS first_id,
                maxIf(occurred_at, is_milestone) OVER (
                    PARTITION BY goal_id, person ORDER BY occurred_at
                    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) AS milestone_at
            FROM marked
            WHERE <person_scope>
        )
        WHERE is_met AND occurred_at >= {since:DateTime64(3, 'UTC')}
    ),
    <touches>
SELECT
    {property_id:UInt64} AS property_id, goal_id, goal_version, message_id AS conversion_id, is_refund,
    is_refund OR NOT is_once OR person = 0 OR message_id = first_id AS is_counted,
    person AS person_id, stream_id, occurred_at AS converted_at, occurred_at AS credited_at, received_at, has_source,
    if(is_refund, -abs(worth), worth) AS value, currency, order_id, '' AS refund_of, country, device,
    if(milestone_at = 0 OR is_refund, NULL, toUInt64(at_ms - toUnixTimestamp64Milli(milestone_at)))
        AS milestone_age_ms,
    touches.3 AS touch_ids, touches.4 AS touch_kinds, arrayMap(touched -> toUInt64(at_ms - touched), touches.2)
        AS touch_ages_ms,
    touches.5 AS touch_channels, touches.10 AS touch_groups, touches.6 AS touch_sources, touches.7 AS touch_mediums,
    touches.8 AS touch_campaigns, touches.11 AS touch_ad_groups, {version:UInt64} AS version
FROM (
    SELECT
        conversions.*,
        if(is_refund, [], arrayFilter(
            touch -> touch.2 BETWEEN at_ms - {widest_ms:Int64} AND at_ms, paths.path
        )) AS touches_in_time,
        -- A click on a link of ours and the visit that it opened are one act: the click stands for both.
        arrayMap(touch -> touch.3, arrayFilter(touch -> touch.4 = 'click', touches_in_time)) AS clicks,
        arrayFilter(touch -> touch.9 = '' OR NOT has(clicks, touch.9), touches_in_time) AS touches
    FROM conversions LEFT JOIN paths ON conversions.person = paths.person
)

-- A refund follows the earliest conversion of its order: the same touchpoints, ages and person, its own time and money.
INSERT INTO journeys (
    property_id, goal_id, goal_version, conversion_id, is_refund, is_counted, person_id, stream_id,
    converted_at, credited_at, received_at, has_source, value, currency, order_id, refund_of, country, device,
    milestone_age_ms, touch_ids, touch_kinds, touch_ages_ms,
    touch_channels, touch_groups, touch_sources, touch_mediums, touch_campaigns, touch_ad_groups, version
)
WITH
    taken AS (
        SELECT
            arrayJoin([<marks>]) AS mark, mark.1 AS goal_id, mark.2 AS worth,
            message_id, occurred_at, received_at, currency, order_id
        FROM refunds FINAL
        WHERE property_id = {property_id:UInt64} AND <order_scope>
    ),
    sold AS (
        SELECT
            goal_id, order_id, argMin(
                (goal_version, conversion_id, is_counted, person_id, stream_id, credited_at, has_source, currency,
                    country, device, milestone_age_ms, touch_ids, touch_kinds, touch_ages_ms,
                    touch_channels, touch_sources, touch_mediums, touch_campaigns, touch_groups,
                    touch_ad_groups),
                (converted_at, NOT has_source, received_at, conversion_id)
            ) AS sale
        FROM journeys FINAL
        WHERE property_id = {property_id:UInt64} AND (goal_id, goal_version) IN (<versions>) AND NOT is_refund
            AND order_id IN (SELECT order_id FROM taken)
        GROUP BY goal_id, order_id
    )
SELECT
    {property_id:UInt64}, goal_id, sale.1, message_id, true, sale.3, sale.4, sale.5,
    occurred_at, sale.6, received_at, sale.7, -abs(worth), if(taken.currency = '', sale.8, taken.currency),
    order_id, sale.2, sale.9, sale.10,
    sale.11, sale.12, sale.13, sale.14, sale.15, sale.19, sale.16, sale.17, sale.18, sale.20, {version:UInt64}
FROM taken INNER JOIN sold ON taken.goal_id = sold.goal_id AND taken.order_id = sold.order_id

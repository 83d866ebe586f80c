-- Everything that each person in reach touched, whether they converted or not: the material of data-driven methods.
-- A click on a link of ours and the visit that it opened are one act, as in journeys.sql.
INSERT INTO histories (
    property_id, person_id, touched_ms, touch_kinds, touch_channels, touch_sources, touch_campaigns, touch_ad_groups,
    version
)
WITH
    <tables>,
    <touches>
SELECT {property_id:UInt64}, person, touches.2, touches.4, touches.5, touches.6, touches.8, touches.11, {version:UInt64}
FROM (
    SELECT
        person,
        arrayMap(touch -> touch.3, arrayFilter(touch -> touch.4 = 'click', path)) AS clicks,
        arrayFilter(touch -> touch.9 = '' OR NOT has(clicks, touch.9), path) AS touches
    FROM paths
)

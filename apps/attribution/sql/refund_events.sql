-- Events stored since the watermark that take money back for an order.
INSERT INTO refunds (property_id, order_id, message_id, occurred_at, received_at, value, currency, properties)
SELECT property_id, order_id, message_id, occurred_at, received_at, value, currency, properties
FROM events
WHERE property_id = {property_id:UInt64} AND stored_at > {stored_from:DateTime64(3, 'UTC')} AND order_id != ''
    AND <is_refund>

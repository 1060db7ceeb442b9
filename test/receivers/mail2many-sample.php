<?php
// A mail2many endpoint after the vendor's PHP sample: the header by one spelling, the HMAC of the raw body.
// What was processed goes to the file that EFFECTS names.

$effects = getenv('EFFECTS');
if ($_SERVER['REQUEST_URI'] === '/processed') {
    echo file_exists($effects) ? file_get_contents($effects) : '';
    return true;
}

$payload = file_get_contents('php://input');
$headers = getallheaders();
$signature = $headers['X-Mail2many-Signature'] ?? '';
$expected = hash_hmac('sha256', $payload, getenv('HOOK_SECRET'));

if (!hash_equals($expected, $signature)) {
    http_response_code(401);
    return true;
}

$event = json_decode($payload, true);
file_put_contents($effects, $headers['X-Mail2Many-Event-Id'] . "\n", FILE_APPEND | LOCK_EX);
http_response_code(200);
return true;

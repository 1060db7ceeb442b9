<?php
// The same, done with care: header names in any letter case, POST and JSON alone, every event once.

$effects = getenv('EFFECTS');
if ($_SERVER['REQUEST_URI'] === '/processed') {
    echo file_exists($effects) ? file_get_contents($effects) : '';
    return true;
}

http_response_code(receive($effects, getenv('HOOK_SECRET')));
return true;

function receive(string $effects, string $secret): int
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') return 405;
    if (strtolower(trim(explode(';', $_SERVER['HTTP_CONTENT_TYPE'] ?? $_SERVER['CONTENT_TYPE'] ?? '')[0])) !== 'application/json') return 415;
    $payload = file_get_contents('php://input');
    $signature = $_SERVER['HTTP_X_MAIL2MANY_SIGNATURE'] ?? '';
    if (!hash_equals(hash_hmac('sha256', $payload, $secret), $signature)) return 401;
    $event = json_decode($payload, true);
    if (!is_array($event) || !is_string($event['date'] ?? null)) return 400;
    if ($event['event'] !== ($_SERVER['HTTP_X_MAIL2MANY_EVENT'] ?? '')) return 400;
    // Neither id nor date of the headers is signed: the signed date says how old it is, the signature is used once.
    if (strtotime($event['date'] . ' UTC') < time() - 3 * 86400) return 400;
    $file = fopen($effects, 'c+');
    flock($file, LOCK_EX);
    $seen = stream_get_contents($file);
    $id = $_SERVER['HTTP_X_MAIL2MANY_EVENT_ID'] ?? '';
    if (!str_contains($seen, "$id\n") && !isset(array_flip(explode("\n", (string) @file_get_contents("$effects.used")))[$signature])) {
        fwrite($file, "$id\n");
        file_put_contents("$effects.used", "$signature\n", FILE_APPEND);
    }
    fclose($file);
    return 200;
}

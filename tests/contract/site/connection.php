<?php

declare(strict_types=1);

// A site of one script, for the tests of the connection to MariaDB: ?do=look, hold or die.

use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

require getenv('CROWDSKY_SOURCE') . '/autoload.php';

/** Leaves $database in a transaction with a failed login of $name in it. */
function holdOpen(Database $database, string $name): void
{
    $database->statement('START TRANSACTION');
    $database->insert('login_failures', ['username' => $name, 'remote_addr' => '127.0.0.1', 'failed_at' => 1]);
}

$database = App::boot()->database();
$do = $_GET['do'];
if ($do !== 'look') {
    holdOpen($database, $do);
}
if ($do === 'die') {
    ini_set('memory_limit', '4M');
    str_repeat('x', 1 << 30);
}
// With the first connection still open, as after a request whose end PHP never came to see.
echo json_encode(App::boot()->database()->one(
    'SELECT CONNECTION_ID() AS connection, @@in_transaction AS held, @@tx_isolation AS isolation, @@time_zone AS zone,
            @@sql_mode AS mode, @@innodb_lock_wait_timeout AS patience, @@autocommit AS autocommit,
            @@completion_type AS completion, @@character_set_connection AS connection_charset,
            @@foreign_key_checks AS foreign_keys, @@sql_auto_is_null AS auto_is_null, @@sql_safe_updates AS safe_updates,
            @@sql_select_limit AS select_limit, @@sql_big_selects AS big_selects, @@max_statement_time AS statement_time,
            @@wait_timeout AS idle_time',
));

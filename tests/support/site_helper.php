<?php

declare(strict_types=1);

// Works on the site's database for a test, on the site's own connection and for as long as stdin is open: a PHP process
// for each statement would take longer than the test.
// Each line of stdin is a JSON list of steps, run in one transaction and answered by one line with a JSON list:
//   {insert, values}          the new id
//   {sql, parameters}         the rows of a SELECT, else the number of rows
//   {key, scopes}             a new worker key of that name, in clear
//   {data_key, reads_all}     a new key to the data API, of that user or, with 0, of a service, in clear
//   {user, password, admin}   the id of a new account; its hash is as weak as bcrypt allows, which saves 60 ms a login
// The line "clean" instead makes the site as if fresh: nothing but the schema in the database, and the data folder made.

use CrowdSky\Accounts\DataKey;
use CrowdSky\Accounts\DataKeys;
use CrowdSky\Base\Clock;
use CrowdSky\Base\DataFolder;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Kernel\App;
use CrowdSky\Workers\KeyStore;

require __DIR__ . '/../../php_api/src/autoload.php';

const CREATED_AT = '2026-01-02 03:04:05';
const WEAKEST_BCRYPT = ['cost' => 4];

/** Removes all rows, also those of migrations from the future, and lets ids begin at 1 again. */
function clean(Database $database): void
{
    $isSqlite = $database->engine === Engine::Sqlite;
    // Only the tables that were used are altered, which costs far more than deleting from all.
    [$off, $on, $all, $used, $restart] = $isSqlite ? [
        'PRAGMA foreign_keys = OFF',
        'PRAGMA foreign_keys = ON',
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        'SELECT name FROM sqlite_sequence',
        "DELETE FROM sqlite_sequence WHERE name = '%s'",
    ] : [
        'SET foreign_key_checks = 0',
        'SET foreign_key_checks = 1',
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
        'SELECT table_name AS name FROM information_schema.tables
          WHERE table_schema = DATABASE() AND auto_increment > 1',
        'ALTER TABLE %s AUTO_INCREMENT = 1',
    ];
    $used = array_column($database->all($used), 'name');
    $database->statement($off);
    $database->transaction(static function (Database $database) use ($all): void {
        foreach (array_diff(array_column($database->all($all), 'name'), ['schema_migrations']) as $table) {
            $database->execute("DELETE FROM $table");
        }
        $files = glob(__DIR__ . "/../../php_api/migrations/{$database->engine->value}/*.sql") ?: [];
        $database->execute('DELETE FROM schema_migrations WHERE version > ?', [(int) basename((string) end($files))]);
    });
    foreach ($used as $table) {
        $database->statement(sprintf($restart, $table));
    }
    $database->statement($on);
}

/** @param array<string, mixed> $step */
function take(array $step, Database $database, KeyStore $keys, Clock $clock): mixed
{
    $dataKeys = new DataKeys($database, $clock);
    // Here keys may have the names of earlier ones.
    if (isset($step['key']) || isset($step['data_key'])) {
        $database->execute('UPDATE api_keys SET name_in_use = NULL');
    }
    return match (true) {
        isset($step['insert']) => $database->insert($step['insert'], $step['values']),
        isset($step['key']) => $keys->create($step['key'], $step['scopes']),
        isset($step['data_key']) => $step['data_key'] === 0
            ? $dataKeys->createService('test', $step['reads_all'], null)
            : $dataKeys->createPersonal($step['data_key'], 'test', [DataKey::READ], null),
        isset($step['user']) => $database->insert('users', [
            'username' => $step['user'],
            'password_hash' => password_hash($step['password'], PASSWORD_BCRYPT, WEAKEST_BCRYPT),
            'role' => $step['admin'] ? 'admin' : 'user',
            'created_at' => CREATED_AT,
        ]),
        str_starts_with($step['sql'], 'SELECT') => $database->all($step['sql'], $step['parameters']),
        default => $database->execute($step['sql'], $step['parameters']),
    };
}

$app = App::boot();
$database = $app->database();
$keys = new KeyStore($database, $app->clock());
while (($line = fgets(STDIN)) !== false) {
    if ($line === "clean\n") {
        clean($database);
        DataFolder::open($app->config()->dataDir);
        echo "[]\n";
        continue;
    }
    $steps = json_decode($line, true, 16, JSON_THROW_ON_ERROR);
    $answers = $database->transaction(
        static fn (Database $database): array => array_map(static fn (array $step): mixed => take($step, $database, $keys, $app->clock()), $steps)
    );
    echo json_encode($answers, JSON_THROW_ON_ERROR), "\n";
}

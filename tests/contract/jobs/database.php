<?php

declare(strict_types=1);

// Runs SQL for the tests on the site's own connection, so that one helper serves both engines.
// stdin: JSON list of {insert, values} or {sql, parameters}; stdout: the answers in the same order:
// the new id, a list of rows, or a number of rows.

use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../../php_api/src/autoload.php';

$steps = json_decode((string) stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
$answers = App::boot()->database()->transaction(static fn (Database $database): array => array_map(
    static fn (array $step): mixed => match (true) {
        isset($step['insert']) => $database->insert($step['insert'], $step['values']),
        str_starts_with($step['sql'], 'SELECT') => $database->all($step['sql'], $step['parameters']),
        default => $database->execute($step['sql'], $step['parameters']),
    },
    $steps,
));
echo json_encode($answers, JSON_THROW_ON_ERROR);

<?php

declare(strict_types=1);

// Runs SQL on the site's own connection for as long as stdin is open: a property test looks at the database after
// every step, and a PHP process for each look would take longer than the step.
// Each line of stdin is a JSON list of {insert, values} or {sql, parameters}, answered by one line with a JSON list.

use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../php_api/src/autoload.php';

$database = App::boot()->database();
while (($line = fgets(STDIN)) !== false) {
    $steps = json_decode($line, true, 16, JSON_THROW_ON_ERROR);
    $answers = $database->transaction(static fn (Database $database): array => array_map(
        static fn (array $step): mixed => match (true) {
            isset($step['insert']) => $database->insert($step['insert'], $step['values']),
            str_starts_with($step['sql'], 'SELECT') => $database->all($step['sql'], $step['parameters']),
            default => $database->execute($step['sql'], $step['parameters']),
        },
        $steps,
    ));
    echo json_encode($answers, JSON_THROW_ON_ERROR), "\n";
}

<?php

declare(strict_types=1);

// Asks for the figures of operators, and says how the database went about each of the queries.
// stdin: a JSON list of {figure: work, waits, rejected, levels, workers or steps; of: day, week or month}
// stdout: a JSON list of {found, plans}

use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Kernel\App;
use CrowdSky\Statistics\Period;
use CrowdSky\Statistics\StatisticsServices;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;

require __DIR__ . '/../../../php_api/src/autoload.php';
require __DIR__ . '/../../php/Database/QueryPlans.php';
require __DIR__ . '/../../php/Database/RecordedStatement.php';

$app = App::boot();
$database = $app->database();
$pdo = (new ReflectionProperty(Database::class, 'pdo'))->getValue($database);
$pdo->query($database->engine === Engine::Sqlite ? 'ANALYZE' : 'ANALYZE TABLE job_runs, rejected_subs, storage_levels')->fetchAll();
$pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, [RecordedStatement::class]);
$statistics = StatisticsServices::of($app);
$answers = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR) as $wish) {
    $period = Period::from($wish['of'] ?? 'day');
    RecordedStatement::$all = [];
    $found = match ($wish['figure']) {
        'work' => $statistics->activity()->work($period),
        'waits' => $statistics->activity()->waits($period),
        'rejected' => $statistics->activity()->rejected($period),
        'levels' => $statistics->levels()->over($period),
        'workers' => $statistics->workers()->lastWeek(),
        'steps' => $statistics->workers()->steps(1, 'barn-1'),
    };
    $answers[] = ['found' => $found, 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

<?php

declare(strict_types=1);

// Asks for what the pages of nights show, and says how the database went about each of the queries.
// stdin: a JSON list of {kind: left, job}
// stdout: a JSON list of {found, plans}

use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;

require __DIR__ . '/../../../php_api/src/autoload.php';
require __DIR__ . '/../../php/Database/QueryPlans.php';
require __DIR__ . '/../../php/Database/RecordedStatement.php';

$app = App::boot();
$database = $app->database();
$pdo = (new ReflectionProperty(Database::class, 'pdo'))->getValue($database);
$pdo->query($database->engine === Engine::Sqlite ? 'ANALYZE' : 'ANALYZE TABLE stacking_jobs, raw_files')->fetchAll();
$pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, [RecordedStatement::class]);
$answers = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR) as $wish) {
    $job = JobServices::of($app)->store()->get($wish['job']);
    RecordedStatement::$all = [];
    $found = JobServices::of($app)->runTimes()->left($job);
    $answers[] = ['found' => $found, 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

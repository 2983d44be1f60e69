<?php

declare(strict_types=1);

// Asks for what the pages of nights show, and says how the database went about each of the queries.
// stdin: a JSON list of {job: whose time left is asked} or {user, until: of which a page of nights is asked}
// stdout: a JSON list of {found, plans}

use CrowdSky\Accounts\Accounts;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Jobs\JobServices;
use CrowdSky\Kernel\App;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;
use CrowdSky\Uploads\UploadServices;

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
    if (isset($wish['job'])) {
        $job = JobServices::of($app)->store()->get($wish['job']);
        RecordedStatement::$all = [];
        $found = JobServices::of($app)->runTimes()->of([$job])[$job->id]->left();
    } else {
        $user = (new Accounts($database, $app->clock()))->find($wish['user']);
        RecordedStatement::$all = [];
        [$nights, $earlier] = UploadServices::of($app)->nights()->page($user, $wish['until']);
        $jobs = array_merge(...array_column($nights, 'jobs'));
        UploadServices::of($app)->nights()->raws($jobs);
        $found = ['nights' => array_column($nights, 'date'), 'jobs' => array_column($jobs, 'id'), 'earlier' => $earlier];
    }
    $answers[] = ['found' => $found, 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

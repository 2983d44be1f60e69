<?php

declare(strict_types=1);

// Asks for what the gallery shows, and says how the database went about each of the queries.
// stdin: a JSON list of {kind: page, ids, choices, neighbours or map; user: id or null; of; order; object; facts; limit;
//   after; stack}
// stdout: a JSON list of {found, next, plans}

use CrowdSky\Accounts\Accounts;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Gallery\FieldNeighbours;
use CrowdSky\Gallery\GalleryFacts;
use CrowdSky\Gallery\GalleryOrder;
use CrowdSky\Gallery\GalleryScope;
use CrowdSky\Gallery\GalleryServices;
use CrowdSky\Gallery\GalleryWish;
use CrowdSky\Kernel\App;
use CrowdSky\Measurements\MeasurementStore;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\Viewer;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;

require __DIR__ . '/../../../php_api/src/autoload.php';
require __DIR__ . '/../../php/Database/QueryPlans.php';
require __DIR__ . '/../../php/Database/RecordedStatement.php';

/**
 * @param array<string, mixed> $wish
 * @return array{list<mixed>, ?string}
 */
function found(App $app, array $wish, Viewer $viewer): array
{
    $gallery = GalleryServices::of($app);
    $scope = GalleryScope::of($wish['of'] ?? null, $viewer);
    $order = GalleryOrder::from($wish['order'] ?? 'newest');
    $wanted = new GalleryWish($scope, $order, $wish['object'] ?? null, new GalleryFacts(...($wish['facts'] ?? [])));
    switch ($wish['kind']) {
        case 'page':
            $page = $gallery->list()->page($wanted, $viewer, $wish['limit'] ?? 60, $wish['after'] ?? null);
            return [array_column($page->stacks, 'id'), $page->next];
        case 'ids':
            return [$gallery->ids()->ids($wanted, $viewer), null];
        case 'choices':
            $choices = $gallery->choices();
            $months = $choices->months('2024', $scope, $viewer);
            return [[$choices->telescopes($scope, $viewer), $choices->filters($scope, $viewer), $choices->years($scope, $viewer), $months], null];
        case 'neighbours':
            $solution = (new MeasurementStore($app->database()))->find($wish['stack'])->solution;
            $neighbours = new FieldNeighbours($app->database(), SkyServices::of($app)->places());
            return [array_column($neighbours->of($wish['stack'], $solution, $viewer), 'id'), null];
        default:
            return [[base64_encode($gallery->map()->of($scope, $viewer)[0])], null];
    }
}

$app = App::boot();
$database = $app->database();
$pdo = (new ReflectionProperty(Database::class, 'pdo'))->getValue($database);
SkyServices::of($app)->places()->complete();
$pdo->query($database->engine === Engine::Sqlite ? 'ANALYZE' : 'ANALYZE TABLE stacked_frames, stack_solutions, stack_objects, users')->fetchAll();
$pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, [RecordedStatement::class]);
$accounts = new Accounts($database, $app->clock());
$answers = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR) as $wish) {
    $viewer = Viewer::of(isset($wish['user']) ? $accounts->find($wish['user']) : null);
    RecordedStatement::$all = [];
    [$found, $next] = found($app, $wish, $viewer);
    $answers[] = ['found' => $found, 'next' => $next, 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

<?php

declare(strict_types=1);

// Asks for stars, light curves and new sources, and says how the database went about each of the queries.
// stdin: a JSON list of {kind: cone, nearest, curve or new; user: id or null; cone; limit; star}
// stdout: a JSON list of {found, plans}

use CrowdSky\Accounts\Accounts;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\CurveQuery;
use CrowdSky\LightCurves\CurveWish;
use CrowdSky\LightCurves\NewSource;
use CrowdSky\LightCurves\NewSources;
use CrowdSky\LightCurves\Point;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\Viewer;
use CrowdSky\Stars\SeenStar;
use CrowdSky\Stars\StarServices;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;

require __DIR__ . '/../../../php_api/src/autoload.php';
require __DIR__ . '/../../php/Database/QueryPlans.php';
require __DIR__ . '/../../php/Database/RecordedStatement.php';

/**
 * @param array<string, mixed> $wish
 * @return list<mixed>
 */
function found(App $app, array $wish, Viewer $viewer): array
{
    $star = static fn (SeenStar $seen): array => [$seen->star->id, $seen->observations, $seen->firstMjd, $seen->lastMjd];
    $source = static fn (NewSource $one): array
        => [$one->star->id, $one->mag, $one->chunks, $one->firstStackId, $one->lastStackWithout, $one->stacksWithout];
    $search = StarServices::of($app)->search();
    switch ($wish['kind']) {
        case 'cone':
            return array_map($star, $search->inCone(Cone::of(...$wish['cone']), $viewer, $wish['limit'] ?? 1000));
        case 'nearest':
            return array_map($star, array_filter([$search->nearest(...[...$wish['cone'], $viewer])]));
        case 'curve':
            $curve = CurveQuery::of($app)->curve(new CurveWish(starId: $wish['star']), $viewer);
            return array_map(static fn (Point $point): int => $point->stackId, iterator_to_array($curve->points(), false));
        default:
            return array_map($source, NewSources::of($app)->list($viewer, $wish['limit'] ?? 100));
    }
}

$app = App::boot();
$database = $app->database();
$pdo = (new ReflectionProperty(Database::class, 'pdo'))->getValue($database);
$tables = 'stars, epochs, star_observations, stacked_frames, new_sources, new_source_epochs';
$pdo->query($database->engine === Engine::Sqlite ? 'ANALYZE' : "ANALYZE TABLE $tables")->fetchAll();
$pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, [RecordedStatement::class]);
$accounts = new Accounts($database, $app->clock());
$answers = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR) as $wish) {
    $viewer = Viewer::of(isset($wish['user']) ? $accounts->find($wish['user']) : null);
    RecordedStatement::$all = [];
    $answers[] = ['found' => found($app, $wish, $viewer), 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

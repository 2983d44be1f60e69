<?php

declare(strict_types=1);

// Runs searches on the site's database and says how the database went about each of their queries.
// stdin: a JSON list of {kind: page, pixel, variables, coverage, tiles, targets, stars, curve or found; user: id or null; cone; box; object; pixel;
//   filter; limit; after; star; version}
// stdout: a JSON list of {stacks, next, plans}; stacks of covered tiles are [pixel, name, stacks, exposure].

use CrowdSky\Accounts\Accounts;
use CrowdSky\Database\Database;
use CrowdSky\Database\Engine;
use CrowdSky\Kernel\App;
use CrowdSky\LightCurves\CurveQuery;
use CrowdSky\LightCurves\CurveWish;
use CrowdSky\LightCurves\FoundStar;
use CrowdSky\LightCurves\FoundVariables;
use CrowdSky\LightCurves\Point;
use CrowdSky\LightCurves\StarListing;
use CrowdSky\Sky\Box;
use CrowdSky\Sky\Cone;
use CrowdSky\Sky\CoveredTile;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\StackFilter;
use CrowdSky\Sky\Viewer;
use CrowdSky\Tests\Database\QueryPlans;
use CrowdSky\Tests\Database\RecordedStatement;
use CrowdSky\Variables\VariableCatalogue;
use CrowdSky\Variables\VariableSearch;

require __DIR__ . '/../../../php_api/src/autoload.php';
require __DIR__ . '/../../php/Database/QueryPlans.php';
require __DIR__ . '/../../php/Database/RecordedStatement.php';

/** @return array{list<mixed>, ?string} */
function found(Database $database, SkyServices $sky, array $wish, Viewer $viewer): array
{
    $region = isset($wish['cone']) ? Cone::of(...$wish['cone']) : (isset($wish['box']) ? Box::of(...$wish['box']) : null);
    $filter = new StackFilter(...($wish['filter'] ?? []));
    $tiles = static fn (array $tiles): array => [
        array_map(static fn (CoveredTile $tile): array => [$tile->pixel, $tile->name, $tile->stacks, $tile->exposure], $tiles),
        null,
    ];
    $limit = $wish['limit'] ?? 100;
    switch ($wish['kind']) {
        case 'page':
            $page = $sky->search()->page($region, $wish['object'] ?? null, $filter, $viewer, $limit, $wish['after'] ?? null);
            return [array_column($page->stacks, 'id'), $page->next];
        case 'pixel':
            return [array_column(iterator_to_array($sky->search()->inPixel($wish['pixel'], $filter, $viewer), false), 'id'), null];
        case 'variables':
            $search = new VariableSearch($database, new VariableCatalogue(1, 'vsx.csv', 1, ''));
            return [array_column($search->inCone($region, $limit, null)->found, 'number'), null];
        case 'stars':
            $page = (new StarListing($database))->inCone($region, $viewer, $limit);
            return [array_map(static fn (FoundStar $found): array => [$found->star->id, $found->observations], $page->stars), null];
        case 'curve':
            $curve = (new CurveQuery($database))->curve(new CurveWish($wish['star'], version: $wish['version'] ?? null), $viewer);
            return [array_map(static fn (Point $point): int => $point->stackId, iterator_to_array($curve->points(), false)), null];
        case 'found':
            return [array_column((new FoundVariables($database))->ranked($viewer, $limit), 'starId'), null];
        case 'coverage':
            return $tiles($sky->coverage()->byPixelAndFilter($viewer));
        case 'tiles':
            return $tiles($sky->coverage()->poorestTiles($viewer, true, $limit));
        default:
            return $tiles($sky->coverage()->poorestTargets($viewer, true, $limit));
    }
}

$app = App::boot();
$database = $app->database();
$pdo = (new ReflectionProperty(Database::class, 'pdo'))->getValue($database);
$sky = SkyServices::of($app);
$sky->places()->complete();
$pdo->query($database->engine === Engine::Sqlite ? 'ANALYZE' : 'ANALYZE TABLE stacked_frames, stack_objects, stack_object_names, variable_stars, stars,
    epochs, star_observations, epoch_zero_points, star_calibrations, calibrations, variable_candidates')->fetchAll();
$pdo->setAttribute(PDO::ATTR_STATEMENT_CLASS, [RecordedStatement::class]);
$accounts = new Accounts($database, $app->clock());
$answers = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR) as $wish) {
    $viewer = Viewer::of(isset($wish['user']) ? $accounts->find($wish['user']) : null);
    RecordedStatement::$all = [];
    [$stacks, $next] = found($database, $sky, $wish, $viewer);
    $answers[] = ['stacks' => $stacks, 'next' => $next, 'plans' => QueryPlans::of($pdo, $database->engine)];
}
echo json_encode($answers, JSON_THROW_ON_ERROR);

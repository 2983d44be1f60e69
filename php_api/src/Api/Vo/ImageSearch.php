<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\SolvedStack;
use CrowdSky\Sky\SolvedStacks;

/** api/sia2.php: Simple Image Access 2.0, the public stacks that are solved. */
final class ImageSearch
{
    private const LEVELS = ['0', '1', '2', '3', '4'];

    /** Answers refusals as VOTables, with their status. */
    public static function answer(App $app, Request $request): Response
    {
        return VoService::answer($app, $request, 'sia2', static function (VoParameters $asked) use ($app, $request): Response {
            $asked->requireVoTable();
            $shapes = array_map(SkyShapes::parse(...), $asked->all('POS'));
            $filters = self::intervals($asked);
            $names = array_filter(['INSTRUMENT' => $asked->all('INSTRUMENT'), 'TARGET' => $asked->all('TARGET')]);
            $conditions = [new Condition('p.wcs IS NOT NULL'), ...self::conditions($asked, ObsCore::archiveId($app)), ...self::near($app, $shapes)];
            $maxRows = $asked->maxRows(ConeSearch::USUAL_ROWS, ConeSearch::MOST_ROWS);
            $rows = self::rows($app, $shapes, $filters, $names, $conditions, new StackAddresses($request));
            return ObsCore::table()->response($rows, $maxRows);
        });
    }

    /**
     * Intervals that are compared with figures of a stack, by parameter.
     *
     * @return array<string, non-empty-list<array{float, float}>>
     */
    private static function intervals(VoParameters $asked): array
    {
        $all = [];
        foreach (['BAND', 'TIME', 'FOV', 'SPATRES', 'EXPTIME', 'TIMERES', 'SPECRP'] as $name) {
            $all[$name] = $asked->intervals($name);
        }
        return array_filter($all, static fn (array $intervals): bool => $intervals !== []);
    }

    /**
     * What the database can tell: identifiers, and times as texts.
     *
     * @return list<Condition>
     */
    private static function conditions(VoParameters $asked, string $archiveId): array
    {
        foreach ($asked->all('CALIB') as $level) {
            if (!in_array($level, self::LEVELS, true)) {
                throw Refusal::badInput('CALIB must be a whole number from 0 to 4');
            }
        }
        $isConstant = self::is($asked->all('COLLECTION'), ObsCore::COLLECTION)
            && self::is($asked->all('FACILITY'), ObsCore::FACILITY)
            && self::is($asked->all('DPTYPE'), ObsCore::PRODUCT_TYPE)
            && self::is($asked->all('CALIB'), (string) ObsCore::CALIBRATION_LEVEL)
            && self::is($asked->all('FORMAT'), ObsCore::FORMAT)
            // Nothing here has a state of polarisation.
            && $asked->all('POL') === [];
        $conditions = $isConstant ? [] : [new Condition('1 = 0')];
        $ids = array_map(static fn (string $id): int => self::stackOf($id, $archiveId), $asked->all('ID'));
        if ($ids !== []) {
            $conditions[] = new Condition('s.id IN (' . implode(', ', array_fill(0, count($ids), '?')) . ')', $ids);
        }
        return [...$conditions, ...self::times($asked)];
    }

    /** @return list<Condition> with seconds to spare; rows() compares exactly */
    private static function times(VoParameters $asked): array
    {
        $parts = array_map(static function (array $interval): Condition {
            $from = SolvedStack::stored($interval[0] - 2.0 / 86400.0);
            $to = SolvedStack::stored($interval[1] + 2.0 / 86400.0);
            return Condition::all(...array_filter([
                $from === null ? null : new Condition('s.date_obs_end >= ?', [$from]),
                $to === null ? null : new Condition('s.date_obs_start <= ?', [$to]),
            ]));
        }, $asked->intervals('TIME'));
        return $parts === [] ? [] : [self::any($parts)];
    }

    /**
     * @param list<SkyShape> $shapes
     * @return list<Condition>
     */
    private static function near(App $app, array $shapes): array
    {
        $solved = SkyServices::of($app)->solved();
        $parts = array_map(static fn (SkyShape $shape): Condition => $shape instanceof SkyCircle
            ? $solved->nearCircle($shape->centre, $shape->radius)
            : SolvedStacks::nearDeclinations(...$shape->declinations()), $shapes);
        return $parts === [] ? [] : [self::any($parts)];
    }

    /** @param non-empty-list<Condition> $parts */
    private static function any(array $parts): Condition
    {
        $sql = implode(') OR (', array_map(static fn (Condition $part): string => $part->sql, $parts));
        return new Condition("(($sql))", array_merge(...array_map(static fn (Condition $part): array => $part->values, $parts)));
    }

    /** @param list<string> $wanted */
    private static function is(array $wanted, string $value): bool
    {
        return $wanted === [] || in_array(strtolower($value), array_map(strtolower(...), $wanted), true);
    }

    /** @return int 0 for the name of nothing here */
    private static function stackOf(string $identifier, string $archiveId): int
    {
        $stem = substr(ObsCore::identifier($archiveId, 0), 0, -1);
        $number = str_starts_with($identifier, $stem) ? substr($identifier, strlen($stem)) : '';
        return preg_match('/^[1-9][0-9]{0,17}$/D', $number) === 1 ? (int) $number : 0;
    }

    /**
     * @param list<SkyShape> $shapes
     * @param array<string, non-empty-list<array{float, float}>> $filters
     * @param array<string, list<string>> $names
     * @param list<Condition> $conditions
     * @return \Generator<list<string|int|float|bool|null>>
     */
    private static function rows(
        App $app,
        array $shapes,
        array $filters,
        array $names,
        array $conditions,
        StackAddresses $addresses,
    ): \Generator {
        $archiveId = ObsCore::archiveId($app);
        foreach (SkyServices::of($app)->solved()->stacks(...$conditions) as $stack) {
            if (self::meets($stack, $shapes) && self::fits($stack, $filters) && self::isNamed($stack, $names)) {
                yield ObsCore::row($stack, $archiveId, $addresses);
            }
        }
    }

    /** @param list<SkyShape> $shapes */
    private static function meets(SolvedStack $stack, array $shapes): bool
    {
        foreach ($shapes as $shape) {
            if ($stack->footprint !== null && $shape->meets($stack->footprint)) {
                return true;
            }
        }
        return $shapes === [];
    }

    /**
     * Compares names as they are shown: nobody can find a stack by a name that is private.
     *
     * @param array<string, list<string>> $names
     */
    private static function isNamed(SolvedStack $stack, array $names): bool
    {
        $shown = ['INSTRUMENT' => $stack->telescope, 'TARGET' => $stack->target];
        foreach ($names as $name => $wanted) {
            if (!in_array($shown[$name], $wanted, true)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether every figure that is asked for lies in one of its intervals; one that is not known lies in none.
     *
     * @param array<string, non-empty-list<array{float, float}>> $filters
     */
    private static function fits(SolvedStack $stack, array $filters): bool
    {
        foreach ($filters as $name => $intervals) {
            $band = $stack->band();
            [$low, $high] = match ($name) {
                'BAND' => $band ?? [null, null],
                'TIME' => [$stack->start, $stack->end],
                'FOV' => array_fill(0, 2, $stack->footprint === null ? null : 2.0 * $stack->footprint->radius()),
                'SPATRES' => array_fill(0, 2, $stack->seeing()),
                'EXPTIME', 'TIMERES' => array_fill(0, 2, $stack->exposure),
                default => array_fill(0, 2, $band === null ? null : ($band[0] + $band[1]) / 2.0 / ($band[1] - $band[0])),
            };
            $isIn = array_filter($intervals, static fn (array $one): bool => $low !== null && $high !== null && $low <= $one[1] && $high >= $one[0]);
            if ($isIn === []) {
                return false;
            }
        }
        return true;
    }
}

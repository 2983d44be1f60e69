<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Accounts\DataKeyAuth;
use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;
use CrowdSky\Sky\SolvedStack;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Tables\VoField;

/**
 * api/scs_stars.php: Simple Cone Search 1.03 of the stars in public stacks, each as often as it was seen.
 *
 * Stars are in files beside their stacks, so the number of stacks in an answer is limited, too.
 */
final class StarSearch
{
    private const MOST_STACKS = 50;
    private const MOST_ROWS = 50_000;
    private const MOST_DEGREES = 5.0;
    private const MOST_BYTES = 32 << 20;

    /** Answers as ConeSearch does; without a data key the status is 401. */
    public static function answer(App $app, Request $request): Response
    {
        return VoService::answer($app, $request, 'scs_stars', static function (VoParameters $asked) use ($app, $request): Response {
            DataKeyAuth::of($app)->require($request);
            $cone = ConeSearch::cone($asked);
            if ($cone->radius > self::MOST_DEGREES) {
                throw Refusal::badInput('SR can be at most ' . self::MOST_DEGREES . ' degrees for stars');
            }
            $maxRows = $cone->radius === 0.0 ? 0 : $asked->maxRows(ConeSearch::USUAL_ROWS, self::MOST_ROWS);
            return self::table()->response(self::rows($app, $cone), $maxRows);
        });
    }

    public static function table(): VoTable
    {
        return new VoTable('stars', 'Stars seen in public stacks', [
            new VoField('star_id', 'char', 'ID_MAIN', 'The stack, and the number of the star in its list'),
            new VoField('ra', 'double', 'POS_EQ_RA_MAIN', 'Right ascension, ICRS', 'deg', ref: 'icrs'),
            new VoField('dec', 'double', 'POS_EQ_DEC_MAIN', 'Declination, ICRS', 'deg', ref: 'icrs'),
            new VoField('distance', 'double', 'pos.angDistance', 'Distance from the position that was asked for', 'deg'),
            new VoField('obs_id', 'char', 'meta.id', 'The stack'),
            new VoField('t_mid', 'double', 'time.epoch;obs.exposure', 'Middle between its first and last sub, MJD', 'd', ref: 'utc'),
            new VoField('t_exptime', 'double', 'time.duration;obs.exposure', 'Exposure of all subs together', 's'),
            new VoField('filter', 'unicodeChar', 'meta.id;instr.filter', 'Filter'),
            new VoField('flux', 'double', 'phot.count', 'Light above the threshold of detection, green, in units of the camera', 'adu'),
            new VoField('peak', 'double', 'phot.count;stat.max', 'Brightest pixel, green', 'adu'),
            new VoField('a', 'double', 'phys.angSize.smajAxis', 'Standard deviation along its longer axis', 'pixel'),
            new VoField('b', 'double', 'phys.angSize.sminAxis', 'Standard deviation along its shorter axis', 'pixel'),
            new VoField('flag', 'int', 'meta.code.qual', 'Flags of the detection, as SEP 1.4 has them'),
        ]);
    }

    /** @return \Generator<int, list<string|int|float|bool|null>, mixed, bool> returns whether stacks were left out */
    private static function rows(App $app, SkyCircle $cone): \Generator
    {
        $query = SkyServices::of($app)->solved();
        $near = $query->nearCircle($cone->centre, $cone->radius);
        $count = 0;
        foreach ($query->stacks($near, new Condition('p.wcs IS NOT NULL AND s.stars_path IS NOT NULL')) as $stack) {
            if ($stack->footprint === null || !$cone->meets($stack->footprint)) {
                continue;
            }
            if (++$count > self::MOST_STACKS) {
                return true;
            }
            yield from self::starsOf($app, $stack, $cone);
        }
        return false;
    }

    /** @return \Generator<int, list<string|int|float|bool|null>> */
    private static function starsOf(App $app, SolvedStack $stack, SkyCircle $cone): \Generator
    {
        $middle = $stack->start === null || $stack->end === null ? null : ($stack->start + $stack->end) / 2.0;
        foreach (self::list($app, $stack) as $number => $star) {
            $position = SkyPosition::fromDegrees(self::number($star, 'ra'), self::number($star, 'dec'));
            $distance = $position?->distanceTo($cone->centre);
            if ($position === null || $distance > $cone->radius) {
                continue;
            }
            yield [
                "stack-{$stack->id}/$number", $position->ra, $position->dec, $distance, "stack-{$stack->id}", $middle, $stack->exposure,
                $stack->filter, self::number($star, 'flux'), self::number($star, 'peak'), self::number($star, 'a'),
                self::number($star, 'b'), isset($star['flag']) ? (int) $star['flag'] : null,
            ];
        }
    }

    /** @return list<array<string, mixed>> empty when the list is gone since the stack was looked up */
    private static function list(App $app, SolvedStack $stack): array
    {
        if ($stack->starsPath === null) {
            return [];
        }
        $json = '';
        try {
            $app->storage()->read($stack->starsPath, static function (string $piece) use (&$json): void {
                $json .= $piece;
                if (strlen($json) > self::MOST_BYTES) {
                    throw new \RuntimeException('A list of stars is too long to be read');
                }
            });
        } catch (ObjectMissing) {
            return [];
        }
        return array_values(json_decode($json, true, 8, JSON_THROW_ON_ERROR)['stars'] ?? []);
    }

    /** @param array<string, mixed> $star */
    private static function number(array $star, string $name): ?float
    {
        return is_numeric($star[$name] ?? null) ? (float) $star[$name] : null;
    }
}

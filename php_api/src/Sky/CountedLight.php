<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Changes\SharedLight;
use CrowdSky\Database\Condition;

/**
 * Which stacks count for a viewer where light counts once: see Changes\SharedLight, which decides it beforehand.
 *
 * All of it is about stacks s that the viewer sees.
 */
final class CountedLight
{
    /**
     * A column of a query: the stack that has the light of this one, which is left out for it; NULL where it counts. Its number is a
     * text of our own, so that it has no marks.
     */
    public static function lightIn(Viewer $viewer): string
    {
        return 'CASE WHEN s.shares_light = 1 THEN ' . self::ofChoice('light_in', $viewer) . ' END';
    }

    /** Stacks that count. */
    public static function condition(Viewer $viewer): Condition
    {
        return new Condition('(s.shares_light < 1 OR ' . self::ofChoice('light_in', $viewer) . ' IS NULL)');
    }

    /** Stacks that count and share no sub with one before them: what two of these show was seen twice. */
    public static function independent(Viewer $viewer): Condition
    {
        $light = self::ofChoice('light_in', $viewer);

        return new Condition("(s.shares_light < 1 OR ($light IS NULL AND COALESCE(" . self::ofChoice('repeated', $viewer) . ', 0) = 0))');
    }

    /** A factor of sums: the share of a stack's subs that no stack before it has. */
    public static function share(Viewer $viewer): string
    {
        return 'CASE WHEN s.shares_light = 1 THEN 1.0 - COALESCE(' . self::ofChoice('repeated', $viewer) . ', 0) ELSE 1.0 END';
    }

    /** The choice for an owner of such stacks goes before that for the public. */
    private static function ofChoice(string $column, Viewer $viewer): string
    {
        $viewers = $viewer->seesAll ? (string) SharedLight::SEES_ALL : SharedLight::PUBLIC . ($viewer->userId === null ? '' : ", {$viewer->userId}");

        return "(SELECT l.$column FROM light_choices l WHERE l.stack_id = s.id AND l.viewer_id IN ($viewers) ORDER BY l.viewer_id DESC LIMIT 1)";
    }
}

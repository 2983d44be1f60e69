<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * What counts as the same filter: programs write its name in many ways. The worker has the same rule
 * (crowdsky/frames/likeness.py).
 */
final class FilterName
{
    private const IR_CUT = 'ircut';
    /** Other names of a filter, in the form for comparisons. */
    private const OTHER_NAMES = ['uvircut' => self::IR_CUT, 'iruvcut' => self::IR_CUT, 'uvir' => self::IR_CUT, 'irc' => self::IR_CUT];

    /** One form of a name for comparisons: IRCUT, IR-Cut and UV/IR Cut are alike. Empty for null. */
    public static function form(?string $name): string
    {
        $form = (string) preg_replace('/[^a-z0-9]/', '', strtolower($name ?? ''));
        $stem = str_ends_with($form, 'filter') ? substr($form, 0, -strlen('filter')) : $form;
        $form = $stem === '' ? $form : $stem;

        return self::OTHER_NAMES[$form] ?? $form;
    }
}

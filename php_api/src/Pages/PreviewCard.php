<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Http\Request;
use CrowdSky\Results\ResultKind;
use CrowdSky\Stacks\Stack;

/** What other programs show of a page when somebody shares its address (Open Graph). Only public pages have one. */
final class PreviewCard
{
    private function __construct(
        public readonly string $title,
        public readonly string $description,
        public readonly string $address,
        public readonly ?string $picture,
    ) {
    }

    public static function ofStack(Stack $stack, Request $request, Texts $texts): self
    {
        $site = $request->siteAddress();
        $picture = match (true) {
            $stack->has(ResultKind::Picture) => 'picture.php',
            $stack->has(ResultKind::Thumbnail) => 'thumbnail.php',
            default => null,
        };
        $values = ['subs' => $texts->number($stack->framesAligned), 'time' => Figures::seconds($texts, $stack->totalExposure)];
        $date = substr((string) $stack->dateObsStart, 0, 10);

        return new self(
            $stack->objectName ?? $texts->say('Unnamed object'),
            $date === ''
                ? $texts->say('{subs} subs of a smart telescope in one picture, {time} of light.', $values)
                : $texts->say('{subs} subs of a smart telescope in one picture, {time} of light on {date}.', $values + ['date' => $date]),
            "$site/stack.php?id={$stack->id}",
            $picture === null ? null : "$site/$picture?id={$stack->id}&v=" . substr($stack->sha256, 0, 8),
        );
    }
}

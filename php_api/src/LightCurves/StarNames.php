<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Fits\SkyPosition;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Cone;
use CrowdSky\Stars\ListedStar;
use CrowdSky\Variables\VariableCatalogues;
use CrowdSky\Variables\VariableSearch;
use CrowdSky\Variables\VariableStar;

/** Names of stars that are variables of the catalogue that the operator imported. */
final class StarNames
{
    /** Degrees between a star and its entry in the catalogue, of which some are old positions. */
    private const REACH = 5.0 / 3600.0;
    private const MOST = 10_000;

    private function __construct(private readonly ?VariableSearch $search)
    {
    }

    public static function of(App $app): self
    {
        $catalogue = (new VariableCatalogues($app->database(), $app->clock()))->current();

        return new self($catalogue === null ? null : new VariableSearch($app->database(), $catalogue));
    }

    /** @return string|null null for a star that is not in the catalogue, and where there is none */
    public function nameOf(ListedStar $star): ?string
    {
        return $this->namesOf([$star], Cone::of($star->position->ra, $star->position->dec, self::REACH))[$star->id] ?? null;
    }

    /**
     * @param list<ListedStar> $stars
     * @param Cone $cone in which all of them are
     * @return array<int, string> by id; stars that are not in the catalogue are missing
     */
    public function namesOf(array $stars, Cone $cone): array
    {
        $wide = Cone::of($cone->centre->ra, $cone->centre->dec, min(180.0, $cone->radius + self::REACH));
        $known = $this->search === null || $stars === [] ? [] : $this->search->inCone($wide, self::MOST, null)->found;
        $names = [];
        foreach ($known as $variable) {
            $star = self::nearest($stars, $variable->star);
            if ($star !== null) {
                $names[$star->id] ??= $variable->star->name;
            }
        }

        return $names;
    }

    /** @param list<ListedStar> $stars */
    private static function nearest(array $stars, VariableStar $variable): ?ListedStar
    {
        $place = SkyPosition::fromDegrees($variable->ra, $variable->dec);
        [$found, $least] = [null, self::REACH];
        foreach ($place === null ? [] : $stars as $star) {
            // Comparing declinations first spares the exact distance of nearly all.
            if (abs($star->position->dec - $place->dec) <= $least && $star->position->distanceTo($place) <= $least) {
                [$found, $least] = [$star, $star->position->distanceTo($place)];
            }
        }

        return $found;
    }
}

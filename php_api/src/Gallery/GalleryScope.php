<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** Whose stacks a gallery shows. */
enum GalleryScope: string
{
    case Mine = 'mine';
    case Public = 'public';
    /** for those who may see all */
    case All = 'all';

    /**
     * @param string|null $wanted null for what the viewer most likely looks for
     * @throws Refusal for a scope that does not exist or is not for this viewer
     */
    public static function of(?string $wanted, Viewer $viewer): self
    {
        $scope = $wanted === null
            ? ($viewer->userId === null ? self::Public : self::Mine)
            : self::tryFrom($wanted) ?? throw Refusal::badInput("'of' must be mine, public or all");
        if ($scope === self::Mine && $viewer->userId === null) {
            throw Refusal::loginNeeded('Log in to see your own stacks.');
        }
        if ($scope === self::All && !$viewer->seesAll) {
            throw Refusal::forbidden('All stacks, private ones included, are shown to operators only.');
        }

        return $scope;
    }

    /** @return list<self> those that a viewer can choose from */
    public static function choices(Viewer $viewer): array
    {
        return match (true) {
            $viewer->userId === null => [self::Public],
            $viewer->seesAll => [self::Mine, self::Public, self::All],
            default => [self::Mine, self::Public],
        };
    }

    /** @return Condition on the stack `s`; whoever may not see all gets none that is neither public nor their own */
    public function condition(Viewer $viewer): Condition
    {
        return match ($this) {
            self::Mine => new Condition('s.user_id = ?', [$viewer->userId ?? 0]),
            self::Public => Visibility::condition(Viewer::public()),
            self::All => Visibility::condition($viewer),
        };
    }
}

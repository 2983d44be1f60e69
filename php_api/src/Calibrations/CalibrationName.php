<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Storage\StoragePath;

/** What the path of an archived calibration says: whose it is, its version, and how the hash of the file begins. */
final class CalibrationName
{
    private const HASH_DIGITS = 12;

    private function __construct(public readonly CalibrationScope $scope, public readonly int $version, public readonly string $hash)
    {
    }

    /** @param string $base such as /crowdsky */
    public static function path(string $base, CalibrationScope $scope, int $version, string $sha256): string
    {
        $owner = $scope->isPublic() ? 'public' : "user_{$scope->ownerId}";
        $name = "calibration_v{$version}_" . substr($sha256, 0, self::HASH_DIGITS) . '.fits';
        return StoragePath::check("$base/calibrations/field_{$scope->fieldId}/$owner/$name");
    }

    /** @return self|null null for a path that path() does not make */
    public static function parse(string $base, string $path): ?self
    {
        $pattern = '#^' . preg_quote("$base/calibrations", '#') . '/field_([1-9][0-9]{0,17})/(?:public|user_([1-9][0-9]{0,17}))'
            . '/calibration_v([1-9][0-9]{0,8})_([0-9a-f]{' . self::HASH_DIGITS . '})\.fits$#D';
        return preg_match($pattern, $path, $match) === 1
            ? new self(new CalibrationScope((int) $match[1], (int) $match[2]), (int) $match[3], $match[4])
            : null;
    }
}

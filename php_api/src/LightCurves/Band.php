<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

/** A band of a camera: of the three colours of a Bayer pattern, or of a sensor without one. */
enum Band: string
{
    case Red = 'R';
    case Green = 'G';
    case Blue = 'B';
    case Mono = 'L';

    /** @return list<string> the names of all bands in answers */
    public static function publicNames(): array
    {
        return array_map(static fn (self $band): string => $band->publicName(), self::cases());
    }

    /** @return self|null null for a name that is none */
    public static function ofPublicName(string $name): ?self
    {
        $found = array_filter(self::cases(), static fn (self $band): bool => $band->publicName() === $name);

        return $found === [] ? null : reset($found);
    }

    /** The name that the AAVSO has for it: tri-colour red, green and blue, and clear with magnitudes of V. */
    public function publicName(): string
    {
        return match ($this) {
            self::Red => 'TR',
            self::Green => 'TG',
            self::Blue => 'TB',
            self::Mono => 'CV',
        };
    }
}

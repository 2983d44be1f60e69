<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Uploads;

use CrowdSky\Uploads\SameLight;
use PHPUnit\Framework\TestCase;

final class SameLightTest extends TestCase
{
    public function testTellsTheSubOfAJobFromOneOfTheSameUpload(): void
    {
        self::assertTrue(SameLight::isOfJob('It shows the same light as a.fit of job 12: the same telescope, start and exposure.'));
        self::assertFalse(SameLight::isOfJob('It shows the same light as a.fit: the same pixels.'));
        self::assertFalse(SameLight::isOfJob('It shows the same light as a of job 12: the same b.fit: the same pixels.'));
    }
}

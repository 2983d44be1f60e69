<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Storage\LocalStorage;
use CrowdSky\Storage\ObjectStorage;

final class LocalStorageTest extends ObjectStorageContract
{
    protected function storage(string $emptyFolder): ObjectStorage
    {
        return new LocalStorage("$emptyFolder/stacks");
    }
}

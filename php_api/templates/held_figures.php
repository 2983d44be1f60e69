<?php
/**
 * @var CrowdSky\Trust\ResultFigures $figures
 * @var Closure $e
 */
use CrowdSky\Base\Format;

$levels = static fn (array $byPlane): string => $byPlane === [] ? Format::NONE
    : sprintf('%s %s', implode('/', array_keys($byPlane)), implode('/', array_map(static fn (float $level): string => sprintf('%.4G', $level), $byPlane)));
?>
<?= $e(Format::count($figures->framesUsed, 'frame', 'frames')) ?>, <?= $e(Format::seconds($figures->exposure)) ?>,
<?= $e(Format::count(count($figures->stars), 'star', 'stars')) ?><br>
<?= $figures->centre === null ? 'not solved' : $e(sprintf('%s, %.4F″ a pixel', Format::position(...$figures->centre), $figures->scale)) ?><br>
<span class="hint">sky <?= $e($levels($figures->sky)) ?>; noise <?= $e($levels($figures->noise)) ?> ADU</span>

<?php
/**
 * @var CrowdSky\Trust\ResultFigures $figures
 * @var Closure $e
 */
use CrowdSky\View\Format;

$levels = static fn (array $byPlane): string => $byPlane === [] ? Format::NONE
    : implode(', ', array_map(static fn (string $plane, float $level): string => sprintf('%s %.4G', $plane, $level), array_keys($byPlane), $byPlane));
?>
<?= $e(Format::count($figures->framesUsed, 'frame', 'frames')) ?>, <?= $e(Format::seconds($figures->exposure)) ?>,
<?= $e(Format::count(count($figures->stars), 'star', 'stars')) ?> compared<br>
<?= $figures->centre === null ? 'not solved' : $e(sprintf('%s, %.4F″ a pixel', Format::position(...$figures->centre), $figures->scale)) ?><br>
<span class="hint">sky <?= $e($levels($figures->sky)) ?>; noise <?= $e($levels($figures->noise)) ?> ADU</span>

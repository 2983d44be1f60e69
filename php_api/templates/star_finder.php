<?php
/**
 * @var ?array{svg: string, stackId: int, limit: ?float} $finder
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2>Finder chart</h2>
<?php if ($finder === null) : ?>
<p>No stack that you see shows the place of this star.</p>
<?php else : ?>
<figure>
<?= $finder['svg'] ?>

    <figcaption>From the deepest stack, <a href="stack.php?id=<?= $e($finder['stackId']) ?>">stack <?= $e($finder['stackId']) ?></a><?= $finder['limit'] === null ? '' : ', which shows stars down to ' . $e(SkyFormat::number($finder['limit'], 1, 'mag')) ?>.</figcaption>
</figure>
<?php endif ?>

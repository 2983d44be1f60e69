<?php
/**
 * @var ?array{svg: string, stackId: int} $finder
 * @var Closure $e
 */
?>
<h2>Finder chart</h2>
<?php if ($finder === null) : ?>
<p>No stack that you see shows the place of this star.</p>
<?php else : ?>
<figure>
<?= $finder['svg'] ?>

    <figcaption>From the deepest stack, <a href="stack.php?id=<?= $e($finder['stackId']) ?>">stack <?= $e($finder['stackId']) ?></a>.</figcaption>
</figure>
<?php endif ?>

<?php
/**
 * @var CrowdSky\Pages\Pager $pager
 * @var Closure $e
 */
?>
<?php if ($pager->pages > 1) : ?>
<nav class="pager" aria-label="Pages">
<?php if ($pager->page > 1) : ?>
    <a rel="prev" href="<?= $e($pager->address($pager->page - 1)) ?>">Previous</a>
<?php endif ?>
    <span>Page <?= $e($pager->page) ?> of <?= $e($pager->pages) ?></span>
<?php if ($pager->page < $pager->pages) : ?>
    <a rel="next" href="<?= $e($pager->address($pager->page + 1)) ?>">Next</a>
<?php endif ?>
</nav>
<?php endif ?>

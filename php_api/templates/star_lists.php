<?php
/**
 * @var string $here page of the list that is shown
 * @var Closure $e
 */
?>
<nav class="tabs" aria-label="Lists of stars">
<?php foreach (['variables.php' => 'Variable stars', 'new_sources.php' => 'New sources'] as $page => $name) : ?>
    <a href="<?= $e($page) ?>"<?= $page === $here ? ' aria-current="page"' : '' ?>><?= $e($name) ?></a>
<?php endforeach ?>
</nav>
